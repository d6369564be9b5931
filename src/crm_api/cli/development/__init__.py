"""An OpenID Connect provider to try sign-in with: for development and tests, never for people.

Whoever reaches it signs in as anybody, without a password. It listens on this machine only, and
its keys live as long as its process.
"""
