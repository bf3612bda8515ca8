"""Do the doors to the outside keep their word? Real files, real ciphers, real pictures."""
