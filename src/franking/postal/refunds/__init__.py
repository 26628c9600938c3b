"""Refunds as the Postal Service rules on them: by the right decider, appealed to the right officer.

Fed by post offices (dated metered postage goes to the local postmaster, undated to the district's
manager of business mail entry or a designee named in writing) and by providers' messages
(value of withdrawn systems, rulings on PC Postage, claims to be reimbursed). ``filing`` takes a
request at a counter, ``hearing`` what providers send, ``ruling`` decides, ``appealing`` hears
appeals, ``paying`` issues checks, ``claiming`` reimburses providers once, ``destroying`` ends the
items. Refuses to know which route a request takes (``franking.refunds``) and what became of a
piece (``franking.postal.pieces``).
"""
