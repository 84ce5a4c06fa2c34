"""Sources of macro series: figures that close when they are released."""
