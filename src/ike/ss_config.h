/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stands for the config.h that strongSwan's headers expect, saying how Debian 12 built the library
 * (5.9.8).  Included before everything else.  ME (mediation) matters most: it puts members into the
 * middle of the structs we share with libcharon.
 */
#ifndef IKE_SS_CONFIG_H
#define IKE_SS_CONFIG_H

#define CONFIG_H_INCLUDED
#define ME
#define USE_IKEV1
#define USE_IKEV2
#define HAVE_STDBOOL_H 1
#define HAVE_ALLOCA_H 1
#define HAVE_SYS_PARAM_H 1
#define HAVE_INT128
#define HAVE_EXPLICIT_BZERO 1
#define HAVE_MEMRCHR 1
#define HAVE_FMEMOPEN 1
#define HAVE_CLOSEFROM 1
#define HAVE_SIGWAITINFO 1
#define HAVE_CLOCK_GETTIME 1
#define HAVE_CONDATTR_CLOCK_MONOTONIC
#define HAVE_PRINTF_SPECIFIER
#define CAPABILITIES
#define VERSION "5.9.8"

#endif
