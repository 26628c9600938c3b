"""Reading an indicium and judging it: numbered steps, each with its reason, and a verdict.

``trust_list`` holds the keys to believe, ``read`` turns scans into bytes, ``steps`` and
``verdict`` judge them, ``verify`` is the way in.
"""
