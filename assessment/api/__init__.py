"""The API: access tokens, lists as JSON, limits, and the document that describes it all."""
