"""Doors to outside services: one folder per vendor, `client.py` the only importer of its SDK, `sandbox.py` a loopback stand-in."""
