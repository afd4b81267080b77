/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inbound SPIs: random, but such that the network's packets reach the worker that has the SA. */
#ifndef IKE_SPI_H
#define IKE_SPI_H

#include <stdint.h>

#define SPI_MIN 0xc0000000u /* strongSwan's range */
#define SPI_MAX 0xcfffffffu

/* A number of the range, host order, with spi % count == worker. */
uint32_t spi_for_worker(uint32_t random, unsigned worker, unsigned count);

#endif
