"""What a look keeps: its stories and how far rules were evaluated, and notices to the operators."""
