"""The daily close: registers, ledger and bank files held against each other, and statements."""
