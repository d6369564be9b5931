"""A headless CRM: one REST contract over PostgreSQL."""

__version__ = "0.1.0"
