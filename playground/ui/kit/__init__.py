"""The frame of every screen, its small pieces, and the state behind them."""
