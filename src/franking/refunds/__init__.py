"""What the rules say of refunds: routes, clocks, evidence, payouts. Pure."""
