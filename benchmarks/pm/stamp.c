#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>
#include <signal.h>
/* usage: stamp FILE: appends "pid monotonic_ns" and pauses until a signal ends it */
int main(int argc, char **argv) {
  struct timespec t;
  char line[64];
  int n, fd = open(argv[1], O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
  clock_gettime(CLOCK_MONOTONIC, &t);
  n = snprintf(line, sizeof line, "%d %lld\n", getpid(), t.tv_sec * 1000000000LL + t.tv_nsec);
  if (write(fd, line, n) != n) return 1;
  close(fd);
  for (;;) pause();
}
