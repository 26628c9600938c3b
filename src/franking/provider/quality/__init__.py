"""Quality of indicia: the licensee's mailpieces, read, graded and answered (39 CFR 502.27, 1997).

A piece is read from its real print; what falls short is told the licensee with guidance, and the
Postal Service. Who sends no acceptable piece gets no more resets until a good one comes.
"""
