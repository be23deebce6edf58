"""Where content comes from: a folder, an installed package, Git or an address; and content packed."""
