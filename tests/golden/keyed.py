"""Keyed draws (Philox4x32-10, src/core/random.h) for the scripts beside it."""

M64, M32 = (1 << 64) - 1, (1 << 32) - 1


def mix(state, word):
    z = (state + 0x9E3779B97F4A7C15 + word) & M64
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & M64
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & M64
    return z ^ (z >> 31)


def hash_key(start, seed, name, indices):
    state = mix(start, seed)
    for byte in name.encode():
        state = mix(state, byte)
    state = mix(state, len(name))
    for index in indices:
        state = mix(state, index)
    return mix(state, len(indices))


def philox(c, k):
    for i in range(10):
        if i > 0:
            k = ((k[0] + 0x9E3779B9) & M32, (k[1] + 0xBB67AE85) & M32)
        p0, p1 = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = ((p1 >> 32) ^ c[1] ^ k[0], p1 & M32, (p0 >> 32) ^ c[3] ^ k[1], p0 & M32)
    return c


class Draw:
    def __init__(self, seed, name, indices):
        self.words = self._words(hash_key(1, seed, name, indices), hash_key(2, seed, name, indices))

    @staticmethod
    def _words(key, counter):
        block = 0
        while True:
            yield from philox((block, 0, counter & M32, counter >> 32), (key & M32, key >> 32))
            block += 1

    def u64(self):
        return next(self.words) | next(self.words) << 32

    def uniform(self, low=0.0, high=1.0):
        return low + (high - low) * ((self.u64() >> 11) / 2**53)

    def below(self, n):
        value = self.u64()
        while value < (1 << 64) % n:
            value = self.u64()
        return value % n

    def shuffle(self, values):
        for i in range(len(values), 1, -1):
            j = self.below(i)
            values[i - 1], values[j] = values[j], values[i - 1]

    def permutation(self, n):
        order = list(range(n))
        self.shuffle(order)
        return order
