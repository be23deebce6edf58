"""Access policies as content, compiled to DataHub's model, and who may do what, computed with DataHub's own rules."""
