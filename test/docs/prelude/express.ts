import expressPackage from "express";

export const express = expressPackage;
