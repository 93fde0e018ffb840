"""Judge the shipped notebook anew, and keep what came out for all who ask; see `prepared`."""

from playground.notebook import prepared

if __name__ == "__main__":
    prepared.PREPARED.write_text(prepared.text(prepared.judged()), encoding="utf-8", newline="\n")
    print(f"{prepared.PREPARED.name}: judged anew")
