"""The forms of the documents: each a frozen record, and the pages that a person reads and signs.

A form knows what stands on it and how it is set on paper. It refuses to know where its facts come
from, who may issue it, and what follows from it: that is for the rooms that fill it in.
"""
