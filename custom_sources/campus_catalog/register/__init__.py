"""What the units declare: systems and datasets, and what each dataset inherits."""
