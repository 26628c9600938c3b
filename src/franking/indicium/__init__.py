"""What is printed: the content of an indicium, its bytes, and the signature over them.

``content`` is what a device signs, ``signature`` how the 64 bytes after it are written and
checked, ``profiles`` decodes any indicium, ours or historical, without believing it.
"""
