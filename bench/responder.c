// The yardstick of bench/login-page: the product's FastCGI loop with nothing behind it.
// Every request gets the bytes of one file, which holds a response head and body.

#define _GNU_SOURCE
#include <errno.h>
#include <fcgiapp.h>
#include <fcntl.h>
#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

enum {
    backlog = 4096,          // at 1024, 1,000 clients without keep-alive get EAGAIN
    mostThreads = 256,
    recordTimeout = 10,      // seconds for the rest of a record begun
    patience = 10,           // seconds that nginx has to close its connections once we stop
};

static int listener, poller, stopper;
static char *response;
static size_t responseLength;
static atomic_long open_connections;

static _Noreturn void fail(const char *what)
{
    fprintf(stderr, "responder: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void readResponse(const char *path)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    struct stat status;
    if (file < 0 || fstat(file, &status) < 0) fail(path);
    responseLength = (size_t)status.st_size;
    response = malloc(responseLength + 1);
    if (!response) fail("malloc");
    for (size_t have = 0; have < responseLength;) {
        ssize_t count = read(file, response + have, responseLength - have);
        if (count <= 0) fail(path);
        have += (size_t)count;
    }
    close(file);
    if (responseLength > INT32_MAX || !memmem(response, responseLength, "\r\n\r\n", 4)) {
        fprintf(stderr, "responder: %s holds no response head\n", path);
        exit(1);
    }
}

static void watch(int operation, int descriptor, uint32_t events, void *tag)
{
    struct epoll_event event = {.events = events, .data.ptr = tag};
    if (epoll_ctl(poller, operation, descriptor, &event) < 0) fail("epoll_ctl");
}

static void park(FCGX_Request *request, int operation)
{
    watch(operation, request->ipcFd, EPOLLIN | EPOLLRDHUP | EPOLLONESHOT, request);
}

// Takes one connection off the queue; false when there is none.
static int take(void)
{
    int descriptor = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (descriptor < 0) {
        if (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED) return 0;
        fail("accept4");
    }
    struct timeval limit = {.tv_sec = recordTimeout};
    if (setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) < 0
        || setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) < 0)
        fail("setsockopt");
    FCGX_Request *request = malloc(sizeof *request);
    if (!request || FCGX_InitRequest(request, -1, 0) != 0) fail("FCGX_InitRequest");
    request->ipcFd = descriptor;
    request->keepConnection = 1; // else FCGX_Accept_r begins by closing it
    atomic_fetch_add(&open_connections, 1);
    park(request, EPOLL_CTL_ADD);
    return 1;
}

static void forget(FCGX_Request *request)
{
    free(request);
    atomic_fetch_sub(&open_connections, 1);
}

static void answer(FCGX_Request *request)
{
    // As label-studio does, and as any program must that is not to wait for a
    // request of which only a part has arrived: it looks before it reads. What
    // it sees is not checked here.
    char seen[4096];
    (void)recv(request->ipcFd, seen, sizeof seen, MSG_PEEK | MSG_DONTWAIT);
    if (FCGX_Accept_r(request) < 0) { // the peer is gone
        forget(request);
        return;
    }
    FCGX_PutStr(response, (int)responseLength, request->out);
    FCGX_Finish_r(request);
    if (request->ipcFd >= 0) park(request, EPOLL_CTL_MOD);
    else forget(request);
}

static void *work(void *unused)
{
    for (;;) {
        struct epoll_event event;
        int count = epoll_wait(poller, &event, 1, -1);
        if (count < 0 && errno != EINTR) fail("epoll_wait");
        if (count < 1) continue;
        if (event.data.ptr == &stopper) return unused;
        if (event.data.ptr == &listener) take();
        else answer(event.data.ptr);
    }
}

static void listenAt(const char *path)
{
    listener = FCGX_OpenSocket(path, backlog);
    if (listener < 0) fail(path);
    int flags = fcntl(listener, F_GETFL);
    if (flags < 0 || fcntl(listener, F_SETFL, flags | O_NONBLOCK) < 0) fail("fcntl");
    watch(EPOLL_CTL_ADD, listener, EPOLLIN | EPOLLEXCLUSIVE, &listener);
}

// Accepts no more, but answers what is connected until nginx closes it.
static void finish(const char *path)
{
    unlink(path);
    while (take()) {}
    if (epoll_ctl(poller, EPOLL_CTL_DEL, listener, NULL) < 0) fail("epoll_ctl");
    for (int tick = 0; tick < patience * 100 && atomic_load(&open_connections) > 0; tick++) usleep(10000);
    uint64_t one = 1;
    if (write(stopper, &one, sizeof one) < 0) fail("eventfd");
}

int main(int count, char **arguments)
{
    const char *path = NULL, *file = NULL;
    long threads = 16;
    const struct option options[] = {
        {"socket", required_argument, NULL, 's'},
        {"response", required_argument, NULL, 'r'},
        {"threads", required_argument, NULL, 't'},
        {0},
    };
    for (int option; (option = getopt_long(count, arguments, "", options, NULL)) != -1;) {
        if (option == 's') path = optarg;
        else if (option == 'r') file = optarg;
        else if (option == 't') threads = strtol(optarg, NULL, 10);
        else return 2;
    }
    if (!path || !file || threads < 1 || threads > mostThreads || optind < count) {
        fprintf(stderr, "usage: responder --socket PATH --response FILE [--threads N]\n");
        return 2;
    }

    readResponse(file);
    if (FCGX_Init() != 0) fail("FCGX_Init"); // else FCGX_Accept_r fails silently
    signal(SIGPIPE, SIG_IGN);                // after FCGX_Init, which sets its own
    sigset_t stopping;
    sigemptyset(&stopping);
    sigaddset(&stopping, SIGTERM);
    sigaddset(&stopping, SIGINT);
    pthread_sigmask(SIG_BLOCK, &stopping, NULL);

    poller = epoll_create1(EPOLL_CLOEXEC);
    stopper = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (poller < 0 || stopper < 0) fail("epoll_create1");
    watch(EPOLL_CTL_ADD, stopper, EPOLLIN, &stopper);
    listenAt(path);

    pthread_t workers[mostThreads];
    for (long index = 0; index < threads; index++)
        if ((errno = pthread_create(&workers[index], NULL, work, NULL)) != 0) fail("pthread_create");
    int signal;
    sigwait(&stopping, &signal);
    finish(path);
    for (long index = 0; index < threads; index++) pthread_join(workers[index], NULL);
    return 0;
}
