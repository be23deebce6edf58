"""Bringing a catalog to what the content declares: desired, plan, manifest, write."""
