"""Papers: the forms of ``franking.forms``, filled in from what the books of a home hold.

``postal`` draws what the licensing desk issues, ``provider`` what a provider does; nothing here is
decided, and nothing is written into any books. ``PAPERS`` says which form is filled in from what.
"""

from franking.home.papers.catalogue import PAPERS, paper_of

__all__ = ["PAPERS", "paper_of"]
