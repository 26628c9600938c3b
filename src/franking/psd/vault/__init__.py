"""Key vaults: ``port`` is what a vault is; ``software`` and ``pkcs11`` are two of them."""
