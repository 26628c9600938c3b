"""One folder with all trust domains side by side: the composition root.

A home holds the books and keys of a postal authority and of a provider, a mailer's print jobs and
the devices, so that one person can run the whole system on one computer. Each part is opened here
and given to the rooms; no room looks for another.
"""
