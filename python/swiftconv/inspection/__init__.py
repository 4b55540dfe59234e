"""Looking at models: what each layer makes, costs and sees."""

from __future__ import annotations

from .fields import Field, ReceptiveFields, receptive_field
from .layers import LayerSummary, Summary, summary

__all__ = ["Field", "LayerSummary", "ReceptiveFields", "Summary", "receptive_field", "summary"]
