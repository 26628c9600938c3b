"""Approval of models: from letter and test plan to the approval of a version, and what follows."""
