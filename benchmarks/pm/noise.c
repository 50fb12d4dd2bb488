#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
/* usage: noise BYTES: writes numbered lines of 100 bytes, 655 of them at a time, until BYTES are written */
enum { LINE = 100, LINES = 655 };

int main(int argc, char **argv) {
  static char block[LINE * LINES];
  char number[13];
  long long left = argc > 1 ? atoll(argv[1]) / LINE : 0, next = 0;
  memset(block, 'x', sizeof block);
  for (int i = 0; i < LINES; i++) block[i * LINE + LINE - 1] = '\n';
  while (left > 0) {
    int lines = left < LINES ? (int)left : LINES, size = lines * LINE;
    for (int i = 0; i < lines; i++) {
      snprintf(number, sizeof number, "%012lld", next++);
      memcpy(block + i * LINE, number, 12);
    }
    for (int done = 0; done < size;) {
      ssize_t n = write(1, block + done, size - done);
      if (n <= 0) return 1;
      done += n;
    }
    left -= lines;
  }
  return 0;
}
