"""Reading the audit trail: readable sentences, filters, a center's own part, a file."""
