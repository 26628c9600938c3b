"""The resetting system of 1995: a licensee telephones, types in readings, and is told a code.

A meter of that time signs nothing. It and the meter resetting company share a secret, and count the
settings of the meter alike, so that a code can be bound to one meter, one setting, one amount and
the control total that the meter must have. The company believes typed readings only as far as its
own record allows (39 CFR 501.28(a) and (e)(3), DMM P030.3.12b of 1995).

``records`` are the values, ``codes`` the code, ``decisions`` the rules, ``tables`` and ``rows`` the
storage, ``commands`` what a caller asks for.

Laws kept here: at most one code is outstanding for a meter, and the same call gets the same code
again; whatever is typed in, a meter takes no code that was not paid for.
"""
