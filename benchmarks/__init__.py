"""How fast Franking is, always beside what the machine can do at best, measured in the same run.

``python -m benchmarks`` runs all, ``python -m benchmarks evidencing reading`` some, ``--quick``
with few rounds, ``--write`` renders ``docs/benchmarks.md``. A figure alone says little about
another machine; the ratio travels better.
"""
