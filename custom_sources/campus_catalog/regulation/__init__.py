"""What the regulation says: articles, subsets, units, people, sharing classes, terms."""
