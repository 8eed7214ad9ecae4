// libfcgi's request interface, and the parts of Linux that its event loop
// needs and that Swift's Glibc module does not carry.
#include <fcgiapp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/// accept4(2) with SOCK_CLOEXEC, which Swift's Glibc module lacks.
static inline int accept_close_on_exec(int listener) {
    return (int)syscall(SYS_accept4, listener, 0, 0, SOCK_CLOEXEC);
}

/// ioctl(2) with FIONREAD, which Swift cannot call; 0 if it fails.
static inline int socket_bytes_available(int socket) {
    int count = 0;
    return ioctl(socket, FIONREAD, &count) == 0 ? count : 0;
}

/// memfd_create(2) with MFD_CLOEXEC, which Swift's Glibc module lacks.
static inline int memory_file(void) {
    return (int)syscall(SYS_memfd_create, "request", 1u);
}

// Enumerators and macros of these headers that Swift imports awkwardly or not at all.
static inline int epoll_event_in(void) { return EPOLLIN; }
static inline int epoll_event_out(void) { return EPOLLOUT; }
static inline int epoll_event_hang_up(void) { return EPOLLRDHUP; }
static inline unsigned epoll_event_once(void) { return EPOLLONESHOT; }
static inline unsigned epoll_event_exclusive(void) { return EPOLLEXCLUSIVE; }
