"""A set of rows as one Python integer: bit p is the row at position p of the index."""

from itertools import compress, islice

ONE = ord("1")
TRUTH = bytes.maketrans(b"01", b"\x00\x01")


def from_positions(positions, size):
    """The bitset of `positions`, each from 0 to before `size`."""
    flags = bytearray(b"0") * size
    last = size - 1
    for position in positions:
        flags[last - position] = ONE
    return int(flags or b"0", 2)


def from_ids(ids, flag_of, size):
    """The bitset of rows by their ids: `flag_of[id]` is size minus the position of the row, or 0 for none of ours."""
    flags = bytearray(b"0") * (size + 1)
    for each in ids:
        flags[flag_of[each]] = ONE
    return int(flags[1:] or b"0", 2)


def positions(bits, start=0, stop=None):
    """The positions in a bitset in order, from the `start`th to before the `stop`th."""
    found: list[int] = []
    passed, width = 0, 64
    data = bits.to_bytes((bits.bit_length() + 7) // 8, "little")
    for at in range(0, len(data), width):
        chunk = int.from_bytes(data[at : at + width], "little")
        count = chunk.bit_count()
        if passed + count <= start:
            passed += count
            continue
        while chunk:
            low = chunk & -chunk
            if passed >= start:
                if stop is not None and passed >= stop:
                    return found
                found.append(at * 8 + low.bit_length() - 1)
            passed += 1
            chunk ^= low
    return found


def ranked(bits, order, start, stop):
    """The positions in `bits` in another `order` (every position, as it sorts), from the `start`th to the `stop`th."""
    if bits.bit_count() == len(order):
        return list(order[start:stop])
    flags = f"{bits:0{len(order)}b}".encode().translate(TRUTH)[::-1]
    return list(islice(compress(order, map(flags.__getitem__, order)), start, stop))
