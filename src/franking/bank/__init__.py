"""The lockbox bank: a fourth party, simulated, that speaks to the others in real files only."""
