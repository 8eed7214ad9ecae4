// How many passwords a second a machine hashes that does nothing else: so many threads, each
// in a loop, with the cost that label-studio uses (Sources/Secrets/PasswordHash.swift).

#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { mostThreads = 256, memory = 19456 * 1024, passes = 2 };

static atomic_bool over;
static atomic_long hashes;

static void *work(void *unused)
{
    char hash[crypto_pwhash_STRBYTES];
    while (!atomic_load(&over)) {
        if (crypto_pwhash_str_alg(hash, "violet-kettle-42-lamp", 21, passes, memory, crypto_pwhash_ALG_ARGON2ID13)) {
            fputs("hashes: no memory\n", stderr);
            exit(1);
        }
        atomic_fetch_add(&hashes, 1);
    }
    return unused;
}

int main(int count, char **arguments)
{
    int threads = count == 3 ? atoi(arguments[1]) : 0, seconds = count == 3 ? atoi(arguments[2]) : 0;
    if (threads < 1 || threads > mostThreads || seconds < 1 || sodium_init() < 0) {
        fputs("usage: hashes THREADS SECONDS\n", stderr);
        return 2;
    }
    pthread_t workers[mostThreads];
    struct timespec begin, end, pause = {.tv_sec = seconds};
    clock_gettime(CLOCK_MONOTONIC, &begin);
    for (int index = 0; index < threads; index++)
        if (pthread_create(&workers[index], NULL, work, NULL)) return 1;
    nanosleep(&pause, NULL);
    atomic_store(&over, 1);
    for (int index = 0; index < threads; index++) pthread_join(workers[index], NULL);
    clock_gettime(CLOCK_MONOTONIC, &end);
    double took = (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9;
    printf("%.2f\n", (double)atomic_load(&hashes) / took);
    return 0;
}
