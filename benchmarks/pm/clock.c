#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
/* usage: clock kill PID          kills PID (SIGKILL) and prints the CLOCK_MONOTONIC nanoseconds just before
          clock run FILE PROG...  writes them to FILE and becomes PROG
          clock now               prints them
   A shell that asks another program for the time loses milliseconds between the answer and what it does next. */
static long long now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

int main(int argc, char **argv) {
  if (argc == 3 && strcmp(argv[1], "kill") == 0) {
    long long at = now();
    if (kill(atoi(argv[2]), SIGKILL) != 0) return 1;
    printf("%lld\n", at);
  } else if (argc > 3 && strcmp(argv[1], "run") == 0) {
    FILE *file = fopen(argv[2], "we");
    if (file == NULL) return 1;
    fprintf(file, "%lld\n", now());
    fclose(file);
    execvp(argv[3], argv + 3);
    return 127;
  } else if (argc == 2 && strcmp(argv[1], "now") == 0) {
    printf("%lld\n", now());
  } else return 2;
  return 0;
}
