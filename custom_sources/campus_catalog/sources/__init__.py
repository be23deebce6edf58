"""The DataHub plugins: campus-taxonomy, campus-register, campus-system and campus-stamp."""
