"""Generated from the kinds of `webhook.api`: CustomResourceDefinitions and JSON Schemas."""
