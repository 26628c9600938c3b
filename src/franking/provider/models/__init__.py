"""The provider's side of approval: what it submits and files, and what it may make and place."""
