#include "config.h"
#include "tests/ptx/watch.h"

/* The work of memory for one access of a warp. */

bool ptx_cost_model;

/* Shared memory has 32 banks of 4 bytes and gives each one word a pass. Accesses of 8 and 16 bytes go in halves and quarters of a warp;
 * lanes that want the same word share it. */
unsigned count_passes(const uint64_t address[LANES], uint32_t mask, size_t bytes)
{
    const int group = bytes >= 16 ? 8 : bytes >= 8 ? 16 : 32, words = bytes >= 4 ? (int)bytes / 4 : 1;
    unsigned passes = 0;
    for (int first = 0; first < LANES; first += group) {
        uint64_t seen[32][32];
        unsigned n[32] = { 0 }, most = 0;
        for (int l = first; l < first + group; l++)
            for (int k = 0; (mask >> l & 1) && k < words; k++) {
                const uint64_t word = address[l] / 4 + (unsigned)k;
                unsigned s = 0;
                while (s < n[word % 32] && seen[word % 32][s] != word)
                    s++;
                if (s == n[word % 32])
                    seen[word % 32][n[word % 32]++] = word;
                most = n[word % 32] > most ? n[word % 32] : most;
            }
        passes += most;
    }
    return passes;
}

/* Device memory moves sectors of 32 bytes; each one that any lane touches counts once. */
unsigned count_sectors(const uint64_t address[LANES], uint32_t mask, size_t bytes)
{
    uint64_t seen[LANES];
    unsigned n = 0;
    for (int l = 0; l < LANES; l++) {
        const uint64_t sector = address[l] / 32; /* an aligned access lies in one */
        unsigned s = n;
        if (!(mask >> l & 1))
            continue;
        while (s > 0 && seen[s - 1] != sector)
            s--;
        if (s == 0)
            seen[n++] = sector;
    }
    (void)bytes;
    return n;
}
