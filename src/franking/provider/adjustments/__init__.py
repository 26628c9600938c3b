"""Defective devices and what their malfunction cost: reports, recommendations, settlements.

``reporting`` takes a licensee's word and tells the Postal Service, ``examining`` writes the report
of a malfunction, ``estimating`` reckons from the mailing history what was used, ``settling`` posts
what was decided. Whether a report is complete is ``decisions``. Refuses to know who decides.
"""
