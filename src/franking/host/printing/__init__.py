"""Print jobs: a mailing list in, evidenced and drawn pieces out, resumable at any point."""
