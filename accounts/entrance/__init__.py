"""Signing up, in and out, and lost passwords: allauth's flows behind our forms and pages."""
