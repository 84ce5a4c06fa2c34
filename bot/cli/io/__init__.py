"""What commands share: options, bars, pictures, files, the terminal."""
