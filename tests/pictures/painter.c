/* painter: reads lines "PATH WIDTH HEIGHT SEED" and writes such a picture, JPEG or PNG by the end of its name. The folder is there. */
#include "config.h"

#include <stdio.h>

#include "tests/pictures/paint.h"

int main(void)
{
    char path[1024];
    int width, height;
    unsigned seed;
    while (scanf("%1023s %d %d %u", path, &width, &height, &seed) == 4)
        if (paint_file(path, width, height, seed) < 0) {
            perror(path);
            return 1;
        }
    return 0;
}
