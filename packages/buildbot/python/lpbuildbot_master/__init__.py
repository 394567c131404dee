"""What Buildbot's master.cfg needs of ours: it hands values to Buildbot's own plug-in surface and holds no policy.

Buildbot is GPL-2.0-only; this package is MIT, which that licence is compatible with.
"""
