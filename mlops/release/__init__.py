"""Release: names and versions, the gate, what is and was live, and the answers it gave."""
