/** Made by 'npm run live-client'. SHA-256 of openapi.json and what follows: fa125d6ff2752d69bd4bebb93d996be8a82d49c5fa4351731557df8d9e4243dd */
export interface paths {
  "/v1/openapi.json": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** This document */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: never;
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/rooms": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Rooms, by name */
    get: {
      parameters: {
        query?: {
          after?: string | "";
          live?: "0" | "1";
          planned?: "0" | "1";
          lang?: string;
        };
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            "application/json": components["schemas"]["RoomList"];
          };
        };
        /** @description What is no success, with a code that is stable */
        default: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            "application/json": components["schemas"]["Problem"];
          };
        };
      };
    };
    put?: never;
    /** Make a room */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody: {
        content: {
          "application/json": {
            name: string;
            title: string;
            merchant: string;
            /**
             * @default public
             * @enum {string}
             */
            visibility?: "public" | "members";
          };
        };
      };
      responses: {
        /** @description Default Response */
        201: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            "application/json": components["schemas"]["RoomDetail"];
          };
        };
        /** @description What is no success, with a code that is stable */
        default: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            "application/json": components["schemas"]["Problem"];
          };
        };
      };
    };
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/rooms/{name}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** A room; more of it for who manages it */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          name: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            "application/json": components["schemas"]["RoomDetail"] | components["schemas"]["RoomInfo"];
          };
        };
        /** @description What is no success, with a code that is stable */
        default: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            "application/json": components["schemas"]["Problem"];
          };
        };
      };
    };
    put?: never;
    post?: never;
    /** Delete a room with its keys */
    delete: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          name: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Done */
        204: {
          headers: {
            [name: string]: unknown;
          };
          content?: never;
        };
        /** @description What is no success, with a code that is stable */
        default: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            "application/json": components["schemas"]["Problem"];
          };
        };
      };
    };
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/rooms/{name}/keys": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Stream keys, without the keys themselves */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          name: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            "application/json": {
              keys: components["schemas"]["KeyInfo"][];
            };
          };
        };
        /** @description What is no success, with a code that is stable */
        default: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            "application/json": components["schemas"]["Problem"];
          };
        };
      };
    };
    put?: never;
    /** Make a stream key */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          name: string;
        };
        cookie?: never;
      };
      requestBody: {
        content: {
          "application/json": {
            /** Format: date-time */
            expiresAt?: string;
          };
        };
      };
      responses: {
        /** @description Default Response */
        201: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            "application/json": components["schemas"]["NewKey"];
          };
        };
        /** @description What is no success, with a code that is stable */
        default: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            "application/json": components["schemas"]["Problem"];
          };
        };
      };
    };
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/rooms/{name}/keys/{id}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    /** Revoke a stream key; its broadcast ends */
    delete: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          name: string;
          id: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Done */
        204: {
          headers: {
            [name: string]: unknown;
          };
          content?: never;
        };
        /** @description What is no success, with a code that is stable */
        default: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            "application/json": components["schemas"]["Problem"];
          };
        };
      };
    };
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/rooms/{name}/health": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** How the stream comes in */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          name: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            "application/json": components["schemas"]["RoomHealth"];
          };
        };
        /** @description What is no success, with a code that is stable */
        default: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            "application/json": components["schemas"]["Problem"];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/rooms/{name}/kick": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** End the broadcast */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          name: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            "application/json": {
              /** @description null: a host was shown out, and there was no broadcast */
              broadcast: string | null;
            };
          };
        };
        /** @description What is no success, with a code that is stable */
        default: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            "application/json": components["schemas"]["Problem"];
          };
        };
      };
    };
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/rooms/{name}/ban": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Keep the room off the air */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          name: string;
        };
        cookie?: never;
      };
      requestBody: {
        content: {
          "application/json": {
            /** Format: date-time */
            until: string;
          };
        };
      };
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            "application/json": {
              /** Format: date-time */
              bannedUntil: string;
            };
          };
        };
        /** @description What is no success, with a code that is stable */
        default: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            "application/json": components["schemas"]["Problem"];
          };
        };
      };
    };
    /** Lift the ban */
    delete: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          name: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Done */
        204: {
          headers: {
            [name: string]: unknown;
          };
          content?: never;
        };
        /** @description What is no success, with a code that is stable */
        default: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            "application/json": components["schemas"]["Problem"];
          };
        };
      };
    };
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/rooms/{name}/urls": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Signed addresses to play and to push */
    get: {
      parameters: {
        query?: {
          ttl?: number;
          dialect?: "nginx" | "tencent" | "aliyun";
          lang?: string;
        };
        header?: never;
        path: {
          name: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            "application/json": components["schemas"]["RoomUrls"];
          };
        };
        /** @description What is no success, with a code that is stable */
        default: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            "application/json": components["schemas"]["Problem"];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/rooms/{name}/play": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** A signed address to play */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          name: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            "application/json": components["schemas"]["PlayAddress"];
          };
        };
        /** @description What is no success, with a code that is stable */
        default: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            "application/json": components["schemas"]["Problem"];
          };
        };
      };
    };
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/rooms/{name}/pins": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Products that a broadcast showed */
    get: {
      parameters: {
        query?: {
          broadcast?: string;
          lang?: string;
        };
        header?: never;
        path: {
          name: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            "application/json": components["schemas"]["PinList"];
          };
        };
        /** @description What is no success, with a code that is stable */
        default: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            "application/json": components["schemas"]["Problem"];
          };
        };
      };
    };
    put?: never;
    /** Show a product from now on */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          name: string;
        };
        cookie?: never;
      };
      requestBody: {
        content: {
          "application/json": {
            product: string;
            title: string;
          };
        };
      };
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            "application/json": components["schemas"]["PinInfo"];
          };
        };
        /** @description Default Response */
        201: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            "application/json": components["schemas"]["PinInfo"];
          };
        };
        /** @description What is no success, with a code that is stable */
        default: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            "application/json": components["schemas"]["Problem"];
          };
        };
      };
    };
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/rooms/{name}/pins/{id}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    /** Show it no more */
    delete: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          name: string;
          id: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Done */
        204: {
          headers: {
            [name: string]: unknown;
          };
          content?: never;
        };
        /** @description What is no success, with a code that is stable */
        default: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            "application/json": components["schemas"]["Problem"];
          };
        };
      };
    };
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/rooms/{name}/schedule": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    /** Say when the room is to be live */
    put: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          name: string;
        };
        cookie?: never;
      };
      requestBody: {
        content: {
          "application/json": {
            /** Format: date-time */
            startsAt: string;
          };
        };
      };
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            "application/json": components["schemas"]["PlannedStart"];
          };
        };
        /** @description What is no success, with a code that is stable */
        default: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            "application/json": components["schemas"]["Problem"];
          };
        };
      };
    };
    post?: never;
    /** Take the planned start back */
    delete: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          name: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Done */
        204: {
          headers: {
            [name: string]: unknown;
          };
          content?: never;
        };
        /** @description What is no success, with a code that is stable */
        default: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            "application/json": components["schemas"]["Problem"];
          };
        };
      };
    };
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/search": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Rooms by what they are about */
    get: {
      parameters: {
        query: {
          q: string;
          page?: number;
          live?: "0" | "1";
          lang?: string;
        };
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            "application/json": components["schemas"]["SearchResult"];
          };
        };
        /** @description What is no success, with a code that is stable */
        default: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            "application/json": components["schemas"]["Problem"];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/tokens": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Make a user's access token */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody: {
        content: {
          "application/json": {
            subject: string;
            /** @enum {string} */
            role: "viewer" | "streamer";
            merchant?: string;
            /** @default 3600 */
            ttlSeconds?: number;
          };
        };
      };
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            "application/json": components["schemas"]["TokenAnswer"];
          };
        };
        /** @description What is no success, with a code that is stable */
        default: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            "application/json": components["schemas"]["Problem"];
          };
        };
      };
    };
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/rooms/{name}/auctions": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** The latest auctions of a room */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          name: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            "application/json": {
              auctions: components["schemas"]["AuctionInfo"][];
            };
          };
        };
        /** @description What is no success, with a code that is stable */
        default: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            "application/json": components["schemas"]["Problem"];
          };
        };
      };
    };
    put?: never;
    /** Open an auction in a room */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          name: string;
        };
        cookie?: never;
      };
      requestBody: {
        content: {
          "application/json": {
            title: string;
            /** @default CNY */
            currency?: string;
            openingPrice: number;
            reserve?: number;
            increments:
              | number
              | {
                  from: number;
                  step: number;
                }[];
            durationSeconds: number;
            /** @default 10 */
            extensionSeconds?: number;
          };
        };
      };
      responses: {
        /** @description Default Response */
        201: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            "application/json": components["schemas"]["AuctionDetail"];
          };
        };
        /** @description What is no success, with a code that is stable */
        default: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            "application/json": components["schemas"]["Problem"];
          };
        };
      };
    };
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/auctions/{id}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** An auction; managers see the reserve as well */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          id: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            "application/json": components["schemas"]["AuctionDetail"] | components["schemas"]["AuctionInfo"];
          };
        };
        /** @description What is no success, with a code that is stable */
        default: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            "application/json": components["schemas"]["Problem"];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/auctions/{id}/bids": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Accepted bids in their order */
    get: {
      parameters: {
        query?: {
          after?: number;
          lang?: string;
        };
        header?: never;
        path: {
          id: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            "application/json": {
              bids: components["schemas"]["BidInfo"][];
            };
          };
        };
        /** @description What is no success, with a code that is stable */
        default: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            "application/json": components["schemas"]["Problem"];
          };
        };
      };
    };
    put?: never;
    /** Bid; the header Idempotency-Key names the bid, and a repeated one changes nothing */
    post: {
      parameters: {
        query?: never;
        header: {
          "idempotency-key": string;
        };
        path: {
          id: string;
        };
        cookie?: never;
      };
      requestBody: {
        content: {
          "application/json": {
            amount: number;
          };
        };
      };
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            "application/json": components["schemas"]["BidAnswer"];
          };
        };
        /** @description Default Response */
        201: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            "application/json": components["schemas"]["BidAnswer"];
          };
        };
        /** @description What is no success, with a code that is stable */
        default: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            "application/json": components["schemas"]["Problem"];
          };
        };
      };
    };
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/auctions/{id}/paddle": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** The bidder's own number */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          id: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            "application/json": {
              paddle: number | null;
            };
          };
        };
        /** @description What is no success, with a code that is stable */
        default: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            "application/json": components["schemas"]["Problem"];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/auctions/{id}/cancel": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Cancel an open auction */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          id: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            "application/json": components["schemas"]["AuctionDetail"];
          };
        };
        /** @description What is no success, with a code that is stable */
        default: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            "application/json": components["schemas"]["Problem"];
          };
        };
      };
    };
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/auctions/{id}/stream": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Server-sent events `auction`, each with the whole auction, until its end */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          id: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: never;
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/rooms/{name}/stage": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Join the room's sound and picture; a host needs to manage the room */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          name: string;
        };
        cookie?: never;
      };
      requestBody: {
        content: {
          "application/json": {
            /**
             * @default viewer
             * @enum {string}
             */
            role?: "host" | "viewer";
          };
        };
      };
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            "application/json": components["schemas"]["StagePass"];
          };
        };
        /** @description What is no success, with a code that is stable */
        default: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            "application/json": components["schemas"]["Problem"];
          };
        };
      };
    };
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/replays": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Replays of all rooms */
    get: {
      parameters: {
        query?: {
          before?: string;
          q?: string;
          lang?: string;
        };
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            "application/json": components["schemas"]["ReplayList"];
          };
        };
        /** @description What is no success, with a code that is stable */
        default: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            "application/json": components["schemas"]["Problem"];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/rooms/{name}/replays": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Replays of a room */
    get: {
      parameters: {
        query?: {
          before?: string;
          q?: string;
          lang?: string;
        };
        header?: never;
        path: {
          name: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            "application/json": components["schemas"]["ReplayList"];
          };
        };
        /** @description What is no success, with a code that is stable */
        default: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            "application/json": components["schemas"]["Problem"];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/v1/replays/{broadcast}": {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** A replay, and where to play it */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          broadcast: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            "application/json": components["schemas"]["ReplayDetail"];
          };
        };
        /** @description What is no success, with a code that is stable */
        default: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            "application/json": components["schemas"]["Problem"];
          };
        };
      };
    };
    put?: never;
    post?: never;
    /** Delete a replay */
    delete: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          broadcast: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Done */
        204: {
          headers: {
            [name: string]: unknown;
          };
          content?: never;
        };
        /** @description What is no success, with a code that is stable */
        default: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            "application/json": components["schemas"]["Problem"];
          };
        };
      };
    };
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
}
export type webhooks = Record<string, never>;
export interface components {
  schemas: {
    /** LadderInfo */
    LadderInfo: {
      /**
       * @description Whether there are smaller renditions, and if not, why: off (the mall makes none), limitReached …
       * @enum {string}
       */
      state:
        | "starting"
        | "on"
        | "off"
        | "limitReached"
        | "tooSlow"
        | "failed"
        | "noPictures"
        | "nothingSmaller";
      /** @description What the master playlist lists, best first */
      renditions: string[];
    };
    /** RoomInfo */
    RoomInfo: {
      name: string;
      title: string;
      merchant: string;
      /** @enum {string} */
      visibility: "public" | "members";
      /**
       * @description ended: within the hour
       * @enum {string}
       */
      state: "idle" | "live" | "ended";
      /** @description Of the broadcast that is live, or was last */
      startedAt: string | null;
      endedAt: string | null;
      /** @description When it is to be live */
      scheduledAt: string | null;
      /** @description Of the broadcast that is live; null until its first segment */
      ladder: components["schemas"]["LadderInfo"] | null;
      /** @description Sessions that watch; absent: not known */
      viewers?: number;
    };
    /** RoomList */
    RoomList: {
      rooms: components["schemas"]["RoomInfo"][];
      /** @description Ask again with ?after= this; null: there are no more */
      next: string | null;
    };
    /**
     * Problem
     * @description What is no success, with a code that is stable
     */
    Problem: {
      /** @enum {string} */
      code:
        | "UNKNOWN_STREAM"
        | "KEY_MISSING"
        | "KEY_WRONG"
        | "KEY_EXPIRED"
        | "KEY_REVOKED"
        | "SIGNATURE_WRONG"
        | "SIGNATURE_EXPIRED"
        | "ALREADY_LIVE"
        | "BANNED"
        | "KICKED"
        | "BROADCAST_ENDED"
        | "INPUT_WRONG"
        | "TOKEN_WRONG"
        | "LOGIN_REQUIRED"
        | "FORBIDDEN"
        | "NO_SUCH_ADDRESS"
        | "NO_SUCH_ROOM"
        | "NO_SUCH_KEY"
        | "NO_SUCH_PIN"
        | "NO_SUCH_REPLAY"
        | "ROOM_EXISTS"
        | "ROOM_LIVE"
        | "NOT_LIVE"
        | "NO_USABLE_KEY"
        | "TOO_MANY_KEYS"
        | "TOKENS_OFF"
        | "SEARCH_OFF"
        | "NO_SUCH_AUCTION"
        | "AUCTION_OPEN"
        | "AUCTION_OVER"
        | "BID_TOO_LOW"
        | "BID_ID_REUSED"
        | "REPLAYS_OFF"
        | "STAGE_OFF"
        | "TOO_LARGE"
        | "DATABASE_AWAY"
        | "SEARCH_AWAY"
        | "BUSY"
        | "OBJECTS_AWAY"
        | "STAGE_AWAY"
        | "STOPPING"
        | "INTERNAL";
      /** @description The meaning, in the language that was asked for */
      reason: string;
      text: {
        en: string;
        zh: string;
      };
      detail?: string;
    };
    /** BroadcastInfo */
    BroadcastInfo: {
      id: string;
      keyId: string;
      instance: string;
      address: string;
      /** Format: date-time */
      startedAt: string;
      /**
       * Format: date-time
       * @description The last report of its ingest instance
       */
      seenAt: string;
      kicked: boolean;
    };
    /** RoomDetail */
    RoomDetail: {
      name: string;
      title: string;
      merchant: string;
      /** @enum {string} */
      visibility: "public" | "members";
      /**
       * @description ended: within the hour
       * @enum {string}
       */
      state: "idle" | "live" | "ended";
      /** @description Of the broadcast that is live, or was last */
      startedAt: string | null;
      endedAt: string | null;
      /** @description When it is to be live */
      scheduledAt: string | null;
      /** @description Of the broadcast that is live; null until its first segment */
      ladder: components["schemas"]["LadderInfo"] | null;
      /** @description Sessions that watch; absent: not known */
      viewers?: number;
      /** Format: date-time */
      createdAt: string;
      bannedUntil: string | null;
      broadcast: components["schemas"]["BroadcastInfo"] | null;
    };
    /** NewKey */
    NewKey: {
      id: string;
      /** @description Shown this once */
      key: string;
      expiresAt: string | null;
    };
    /** KeyInfo */
    KeyInfo: {
      id: string;
      /** Format: date-time */
      createdAt: string;
      expiresAt: string | null;
      revokedAt: string | null;
      /** @enum {string} */
      state: "valid" | "expired" | "revoked";
    };
    /** RoomHealth */
    RoomHealth: {
      /** @description Of the last segment; null: nothing comes in */
      stream: {
        bitsPerSecond: number;
        frameRate: number;
        /** @description Longest time between two keyframes */
        keyframeSeconds: number;
        video: {
          codec: string;
          width: number;
          height: number;
        } | null;
        audio: {
          codec: string;
          channels: number;
        } | null;
        segments: number;
        /** @description Segments that could not be kept */
        lost: number;
        restarts: number;
        secondsSinceSegment: number;
      } | null;
      warnings: (
        | "silent"
        | "noVideo"
        | "noAudio"
        | "keyframesFar"
        | "fewPictures"
        | "bitrateLow"
        | "bitrateHigh"
        | "lost"
      )[];
    };
    /** RoomUrls */
    RoomUrls: {
      play: {
        url: string;
        /** Format: date-time */
        expiresAt: string;
        dialect: string;
      };
      /** @description null: the room has no valid key */
      push: {
        url: string;
        /** Format: date-time */
        expiresAt: string;
        dialect: string;
        urlTls: string | null;
        keyId: string;
        obs: {
          server: string;
          streamKey: string;
        };
      } | null;
    };
    /** PlayAddress */
    PlayAddress: {
      url: string;
      /** Format: date-time */
      expiresAt: string;
    };
    /** PinInfo */
    PinInfo: {
      id: string;
      broadcast: string;
      product: string;
      title: string;
      /** Format: date-time */
      at: string;
      /** @description Since the broadcast began */
      offsetMs: number;
      /** @description null: until another one is pinned, or the broadcast ends */
      until: string | null;
    };
    /** PinList */
    PinList: {
      pins: components["schemas"]["PinInfo"][];
    };
    /** PlannedStart */
    PlannedStart: {
      /** Format: date-time */
      startsAt: string;
    };
    /** SearchResult */
    SearchResult: {
      rooms: components["schemas"]["RoomInfo"][];
      total: number;
    };
    /** TokenAnswer */
    TokenAnswer: {
      token: string;
      /** Format: date-time */
      expiresAt: string;
    };
    /** AuctionDetail */
    AuctionDetail: {
      id: string;
      room: string;
      title: string;
      /** @description ISO 4217 */
      currency: string;
      /** @description Whole minor units of the currency */
      openingPrice: number;
      increments: {
        /** @description Whole minor units of the currency */
        from: number;
        /** @description Whole minor units of the currency */
        step: number;
      }[];
      /** @description A bid in the last so many seconds moves the end */
      extensionSeconds: number;
      /** Format: date-time */
      openedAt: string;
      /** Format: date-time */
      endsAt: string;
      /**
       * Format: date-time
       * @description The time by the clock that ends it
       */
      now: string;
      /** @description Rises with every change */
      version: number;
      /** @enum {string} */
      state: "open" | "closed";
      outcome: ("sold" | "reserve-not-met" | "no-bids" | "cancelled") | null;
      closedAt: string | null;
      price: number | null;
      /** @description Number of the bidder who leads, or has bought */
      leader: number | null;
      /** @description What the next bid has to be at least */
      minimum: number;
      bids: number;
      bidders: number;
      hasReserve: boolean;
      reserveMet: boolean;
      reserve: number | null;
      leaderSubject: string | null;
    };
    /** AuctionInfo */
    AuctionInfo: {
      id: string;
      room: string;
      title: string;
      /** @description ISO 4217 */
      currency: string;
      /** @description Whole minor units of the currency */
      openingPrice: number;
      increments: {
        /** @description Whole minor units of the currency */
        from: number;
        /** @description Whole minor units of the currency */
        step: number;
      }[];
      /** @description A bid in the last so many seconds moves the end */
      extensionSeconds: number;
      /** Format: date-time */
      openedAt: string;
      /** Format: date-time */
      endsAt: string;
      /**
       * Format: date-time
       * @description The time by the clock that ends it
       */
      now: string;
      /** @description Rises with every change */
      version: number;
      /** @enum {string} */
      state: "open" | "closed";
      outcome: ("sold" | "reserve-not-met" | "no-bids" | "cancelled") | null;
      closedAt: string | null;
      price: number | null;
      /** @description Number of the bidder who leads, or has bought */
      leader: number | null;
      /** @description What the next bid has to be at least */
      minimum: number;
      bids: number;
      bidders: number;
      hasReserve: boolean;
      reserveMet: boolean;
    };
    /** BidInfo */
    BidInfo: {
      sequence: number;
      /** @description The bidder's number in this auction */
      paddle: number;
      /** @description Whole minor units of the currency */
      amount: number;
      /** Format: date-time */
      at: string;
      extendedTo: string | null;
    };
    /** BidAnswer */
    BidAnswer: {
      bid: components["schemas"]["BidInfo"];
      auction: components["schemas"]["AuctionInfo"];
    };
    /** StagePass */
    StagePass: {
      /** @description Where the signalling is, for livekit-client */
      url: string;
      token: string;
      /**
       * Format: date-time
       * @description Until when it lets somebody join; who has joined stays
       */
      expiresAt: string;
      /** @enum {string} */
      role: "host" | "viewer";
    };
    /** ReplayInfo */
    ReplayInfo: {
      broadcast: string;
      room: string;
      /** @description The room's, now */
      title: string;
      merchant: string;
      /** @enum {string} */
      visibility: "public" | "members";
      /** Format: date-time */
      startedAt: string;
      /** Format: date-time */
      readyAt: string;
      seconds: number;
      segments: number;
      bytes: number;
      /** @description Segments that are missing from it */
      dropped: number;
      /** @description null: there is none, or who asks may not play it */
      poster: string | null;
    };
    /** ReplayList */
    ReplayList: {
      /** @description The newest first */
      replays: components["schemas"]["ReplayInfo"][];
      /** @description `before` of those that follow; null: there are no more */
      next: string | null;
    };
    /** ReplayDetail */
    ReplayDetail: {
      broadcast: string;
      room: string;
      /** @description The room's, now */
      title: string;
      merchant: string;
      /** @enum {string} */
      visibility: "public" | "members";
      /** Format: date-time */
      startedAt: string;
      /** Format: date-time */
      readyAt: string;
      seconds: number;
      segments: number;
      bytes: number;
      /** @description Segments that are missing from it */
      dropped: number;
      /** @description null: there is none, or who asks may not play it */
      poster: string | null;
      play: components["schemas"]["PlayAddress"];
      /** @description What was shown, from when on */
      moments: components["schemas"]["PinInfo"][];
    };
  };
  responses: never;
  parameters: never;
  requestBodies: never;
  headers: never;
  pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
