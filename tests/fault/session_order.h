/* tests/fault/session_order.h - the second half of tests/fault/session_io: how many of its tests failed. */
#ifndef FAULT_SESSION_ORDER_H
#define FAULT_SESSION_ORDER_H

int session_order_tests(void);

#endif
